/** What each recorded situation must lead to: a plan, exactly that plan, or a person. */
export const cases = [
  { scenario: 'plan-empty', words: ['nfs'], verdict: 'well', findings: [], changes: [] },
  {
    scenario: 'all-well',
    words: ['nfs'],
    verdict: 'ill',
    findings: ['not-planned stacks/nfs-csi'],
    changes: [
      'devvm$ sh -c \'set -eu; umask 077; export TG_NON_INTERACTIVE=true TERRAGRUNT_NON_INTERACTIVE=true TG_TF_FORWARD_STDOUT=true TERRAGRUNT_FORWARD_TF_STDOUT=true; mkdir -p "$2"; cd "$1"; terragrunt plan -input=false -no-color -lock-timeout=60s -out="$2/$3.new" >"$2/$3.new-txt" 2>"$2/$3.log" || { tail -n 20 "$2/$3.log" >&2; exit 1; }; [ "$(git rev-parse HEAD)" = "$4" ] || { echo "another commit was checked out meanwhile" >&2; exit 3; }; rm -f "$2/$3.tfplan"; mv "$2/$3.new-txt" "$2/$3.txt"; mv "$2/$3.new" "$2/$3.tfplan"\' terragrunt /srv/infra/stacks/nfs-csi /var/lib/storagebot-plans stacks.nfs-csi-9722db814f1c 9722db814f1c7a30be5d2c96a8e3017b6fd4c052',
    ],
  },
  {
    scenario: 'limit-raised',
    words: ['nfs.csi.k8s.io'],
    verdict: 'ill',
    findings: ['not-planned stacks/nfs-csi'],
    changes: [
      'devvm$ sh -c \'set -eu; umask 077; export TG_NON_INTERACTIVE=true TERRAGRUNT_NON_INTERACTIVE=true TG_TF_FORWARD_STDOUT=true TERRAGRUNT_FORWARD_TF_STDOUT=true; mkdir -p "$2"; cd "$1"; terragrunt plan -input=false -no-color -lock-timeout=60s -out="$2/$3.new" >"$2/$3.new-txt" 2>"$2/$3.log" || { tail -n 20 "$2/$3.log" >&2; exit 1; }; [ "$(git rev-parse HEAD)" = "$4" ] || { echo "another commit was checked out meanwhile" >&2; exit 3; }; rm -f "$2/$3.tfplan"; mv "$2/$3.new-txt" "$2/$3.txt"; mv "$2/$3.new" "$2/$3.tfplan"\' terragrunt /srv/infra/stacks/nfs-csi /var/lib/storagebot-plans stacks.nfs-csi-9722db814f1c 9722db814f1c7a30be5d2c96a8e3017b6fd4c052',
    ],
  },
  {
    scenario: 'plan-waits',
    words: ['nfs'],
    verdict: 'ill',
    findings: ['plan-waits stacks/nfs-csi'],
    changes: [
      'devvm$ sh -c \'set -eu; umask 077; export TG_NON_INTERACTIVE=true TERRAGRUNT_NON_INTERACTIVE=true TG_TF_FORWARD_STDOUT=true TERRAGRUNT_FORWARD_TF_STDOUT=true; cd "$1"; ln "$2.tfplan" "$2.applying"; rm "$2.tfplan"; touch "$2.applying"; { [ ! -L "$2.applying" ] && printf "%s  %s\\n" "$3" "$2.applying" | sha256sum --check --status; } || { mv "$2.applying" "$2.tfplan"; echo "the saved plan is not the one that was approved" >&2; exit 3; }; terragrunt apply -input=false -no-color -lock-timeout=60s "$2.applying" >"$2.log" 2>&1 || { tail -n 20 "$2.log" >&2; exit 1; }; : >"$2.applied"; rm "$2.applying"\' terragrunt /srv/infra/stacks/nfs-csi /var/lib/storagebot-plans/stacks.nfs-csi-9722db814f1c 536515d2c5d968a716bac3ec8cf8ff0fe17ec5fc55abc0e54b0aa1d4356a34a1',
    ],
  },
  {
    scenario: 'plan-old',
    words: ['nfs'],
    verdict: 'ill',
    findings: ['not-planned stacks/nfs-csi'],
    changes: [
      'devvm$ sh -c \'set -eu; umask 077; export TG_NON_INTERACTIVE=true TERRAGRUNT_NON_INTERACTIVE=true TG_TF_FORWARD_STDOUT=true TERRAGRUNT_FORWARD_TF_STDOUT=true; mkdir -p "$2"; cd "$1"; terragrunt plan -input=false -no-color -lock-timeout=60s -out="$2/$3.new" >"$2/$3.new-txt" 2>"$2/$3.log" || { tail -n 20 "$2/$3.log" >&2; exit 1; }; [ "$(git rev-parse HEAD)" = "$4" ] || { echo "another commit was checked out meanwhile" >&2; exit 3; }; rm -f "$2/$3.tfplan"; mv "$2/$3.new-txt" "$2/$3.txt"; mv "$2/$3.new" "$2/$3.tfplan"\' terragrunt /srv/infra/stacks/nfs-csi /var/lib/storagebot-plans stacks.nfs-csi-9722db814f1c 9722db814f1c7a30be5d2c96a8e3017b6fd4c052',
    ],
  },
  {
    scenario: 'plan-destroys',
    words: ['nfs'],
    verdict: 'ill',
    findings: ['plan-waits stacks/nfs-csi'],
    changes: [
      'devvm$ sh -c \'set -eu; umask 077; export TG_NON_INTERACTIVE=true TERRAGRUNT_NON_INTERACTIVE=true TG_TF_FORWARD_STDOUT=true TERRAGRUNT_FORWARD_TF_STDOUT=true; cd "$1"; ln "$2.tfplan" "$2.applying"; rm "$2.tfplan"; touch "$2.applying"; { [ ! -L "$2.applying" ] && printf "%s  %s\\n" "$3" "$2.applying" | sha256sum --check --status; } || { mv "$2.applying" "$2.tfplan"; echo "the saved plan is not the one that was approved" >&2; exit 3; }; terragrunt apply -input=false -no-color -lock-timeout=60s "$2.applying" >"$2.log" 2>&1 || { tail -n 20 "$2.log" >&2; exit 1; }; : >"$2.applied"; rm "$2.applying"\' terragrunt /srv/infra/stacks/nfs-csi /var/lib/storagebot-plans/stacks.nfs-csi-9722db814f1c 6a00641b703efb6bc878ae50046c3b588ecc1621ef3d8188039b8affb3d51f76',
    ],
  },
  { scenario: 'plan-applied', words: ['nfs'], verdict: 'well', findings: [], changes: [] },
  { scenario: 'plan-half-applied', words: ['nfs'], verdict: 'ill', findings: ['apply-unfinished stacks/nfs-csi'], changes: [] },
  { scenario: 'stack-edited', words: ['nfs-csi'], verdict: 'ill', findings: ['changes-uncommitted stacks/nfs-csi'], changes: [] },
  {
    scenario: 'stack-edited',
    name: 'other-stack-edited',
    words: ['proxmox'],
    verdict: 'ill',
    findings: ['not-planned stacks/proxmox-csi'],
    changes: [
      'devvm$ sh -c \'set -eu; umask 077; export TG_NON_INTERACTIVE=true TERRAGRUNT_NON_INTERACTIVE=true TG_TF_FORWARD_STDOUT=true TERRAGRUNT_FORWARD_TF_STDOUT=true; mkdir -p "$2"; cd "$1"; terragrunt plan -input=false -no-color -lock-timeout=60s -out="$2/$3.new" >"$2/$3.new-txt" 2>"$2/$3.log" || { tail -n 20 "$2/$3.log" >&2; exit 1; }; [ "$(git rev-parse HEAD)" = "$4" ] || { echo "another commit was checked out meanwhile" >&2; exit 3; }; rm -f "$2/$3.tfplan"; mv "$2/$3.new-txt" "$2/$3.txt"; mv "$2/$3.new" "$2/$3.tfplan"\' terragrunt /srv/infra/stacks/proxmox-csi /var/lib/storagebot-plans stacks.proxmox-csi-9722db814f1c 9722db814f1c7a30be5d2c96a8e3017b6fd4c052',
    ],
  },
  {
    scenario: 'stack-shares-edited',
    words: ['nfs'],
    verdict: 'ill',
    findings: ['changes-uncommitted stacks/nfs-csi'],
    changes: [],
  },
  {
    scenario: 'apply-of-another-commit',
    words: ['nfs'],
    verdict: 'ill',
    findings: ['apply-unfinished stacks/nfs-csi'],
    changes: [],
  },
  {
    scenario: 'commit-behind',
    words: ['nfs'],
    verdict: 'ill',
    findings: ['plan-waits stacks/nfs-csi'],
    changes: [
      'devvm$ sh -c \'set -eu; umask 077; export TG_NON_INTERACTIVE=true TERRAGRUNT_NON_INTERACTIVE=true TG_TF_FORWARD_STDOUT=true TERRAGRUNT_FORWARD_TF_STDOUT=true; cd "$1"; ln "$2.tfplan" "$2.applying"; rm "$2.tfplan"; touch "$2.applying"; { [ ! -L "$2.applying" ] && printf "%s  %s\\n" "$3" "$2.applying" | sha256sum --check --status; } || { mv "$2.applying" "$2.tfplan"; echo "the saved plan is not the one that was approved" >&2; exit 3; }; terragrunt apply -input=false -no-color -lock-timeout=60s "$2.applying" >"$2.log" 2>&1 || { tail -n 20 "$2.log" >&2; exit 1; }; : >"$2.applied"; rm "$2.applying"\' terragrunt /srv/infra/stacks/nfs-csi /var/lib/storagebot-plans/stacks.nfs-csi-9722db814f1c 536515d2c5d968a716bac3ec8cf8ff0fe17ec5fc55abc0e54b0aa1d4356a34a1',
    ],
  },
  { scenario: 'blind-workstation', words: ['nfs'], verdict: 'blind', findings: [], changes: [] },
] as const;
