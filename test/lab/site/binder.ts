import { at, type KubeObject, type ObjectStore } from '../kubernetes/store.ts';
import { kind, text } from './volumes.ts';

const CLAIMS = kind('v1', 'persistentvolumeclaims');
const VOLUMES = kind('v1', 'persistentvolumes');

/** What the volume controller does with claims and volumes that name each other, and the collector with those that go. */
export function binderOf(store: ObjectStore): () => void {
  let isDue = false;
  store.onChange(({ object }) => (isDue ||= object.kind.startsWith('PersistentVolume')));
  return () => {
    if (!isDue) return;
    isDue = false;
    bindAll(store);
  };
}

function bindAll(store: ObjectStore): void {
  for (const claim of store.list({ resource: CLAIMS })) if (phaseOf(claim) !== 'Bound') bindClaim(store, claim);
  for (const resource of [CLAIMS, VOLUMES])
    for (const object of store.list({ resource })) if (object.metadata.deletionTimestamp !== undefined) collect(store, object);
}

function bindClaim(store: ObjectStore, { metadata: { name, namespace = '', uid }, ...claim }: KubeObject): void {
  const wanted = text(claim, 'spec', 'volumeName');
  const volume = store.list({ resource: VOLUMES }).find(({ metadata }) => metadata.name === wanted);
  if (volume === undefined || phaseOf(volume) === 'Bound') return;
  const isMeant =
    text(volume, 'spec', 'claimRef', 'name') === name && text(volume, 'spec', 'claimRef', 'namespace') === namespace;
  if (!isMeant) return;
  store.patch({ resource: VOLUMES, name: wanted }, { spec: { claimRef: { uid } }, status: { phase: 'Bound' } });
  store.patch({ resource: CLAIMS, namespace, name }, { status: { phase: 'Bound' } });
}

/** Neither owns anything that would have to go first; a volume whose claim is gone is released, and stays. */
function collect(store: ObjectStore, { kind: its, metadata: { name, namespace } }: KubeObject): void {
  const resource = its === 'PersistentVolume' ? VOLUMES : CLAIMS;
  store.patch({ resource, name, ...(namespace === undefined ? {} : { namespace }) }, { metadata: { finalizers: null } });
  for (const volume of its === 'PersistentVolume' ? [] : store.list({ resource: VOLUMES })) {
    const isIts =
      text(volume, 'spec', 'claimRef', 'name') === name && text(volume, 'spec', 'claimRef', 'namespace') === namespace;
    if (isIts) store.patch({ resource: VOLUMES, name: volume.metadata.name }, { status: { phase: 'Released' } });
  }
}

function phaseOf(object: KubeObject): unknown {
  return at(object, 'status', 'phase');
}
