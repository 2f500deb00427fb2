import type { DriverPod } from '../../../src/commands/driver-pods.ts';
import type { Diagnosis } from '../../../src/core/finding.ts';
import { ok, together } from '../../../src/core/finding.ts';
import type { Code } from '../codes.ts';
import { controllerPods, endedLately, podsUsing } from '../facts.ts';
import type { Around } from './around.ts';
import { KEEP_THE_OTHERS, lastWords, throughTerraform } from './around.ts';
import { token } from './token.ts';

type Part = Diagnosis<Code>;

/** What makes, attaches and grows volumes. Static volumes are mounted without it. */
export function controllers(around: Around): Part {
  const living = controllerPods(around.driver).filter(({ terminating }) => !terminating);
  return together([down(around, living), beside(around, living), token(around.driver)]);
}

function down({ facts, driver, pods }: Around, living: readonly DriverPod[]): Part {
  const { deployments } = driver;
  if (!deployments.known) return { evidence: [], findings: [] };
  const deployment = deployments.value.find(({ name }) => name === driver.driver.controller);
  // It may not be installed.
  if (deployment === undefined && podsUsing(driver.driver.name, facts.cluster) === undefined)
    return { evidence: [], findings: [] };
  const wanted = deployment?.replicas ?? 0;
  const ready = living.filter((pod) => pod.ready);
  if (ready.length > 0)
    return {
      evidence: [ok(`${ready.length} of ${wanted} controllers of ${driver.driver.name} are ready`, pods, deployments)],
      findings: [],
    };
  const words = driver.endings.filter((each) => living.includes(each.pod) && endedLately(each, driver)).map(lastWords);
  return {
    evidence: [],
    findings: [
      {
        code: 'controller-down',
        subject: driver.driver.name,
        says: `${wanted === 0 ? `No controller of ${driver.driver.name} is to run` : `None of the ${wanted} controllers of ${driver.driver.name} is ready`}: no volume is made, attached, grown or deleted. Volumes that are there are mounted by the pods of the nodes, which do not need it${words[0] ?? ''}`,
        remedy:
          wanted === 0
            ? throughTerraform(facts.site, driver.driver, `give ${driver.driver.controller} its replicas back`)
            : 'Read why its containers end: memory, a port of the host that another has, a token that is refused, a way to the API. Put the cause right; the Deployment starts them again.',
        doNot: `Do not touch what is mounted: it works. ${KEEP_THE_OTHERS}`,
        seen: [pods, deployments],
      },
    ],
  };
}

/** Pods on the network of their host cannot share it. */
function beside({ facts, driver, pods }: Around, living: readonly DriverPod[]): Part {
  const onHost = living.filter(({ hostNetwork, node }) => hostNetwork && node !== undefined);
  const crowded = [...Map.groupBy(onHost, ({ node }) => node ?? '')].filter(([, all]) => all.length > 1);
  return {
    evidence: [],
    findings: crowded.map(([node, all]) => ({
      code: 'controllers-together',
      subject: `${driver.driver.name} on ${node}`,
      says: `${all.length} controllers of ${driver.driver.name} are on ${node} and share the ports of that host: ${all.map(({ name, ready }) => `${name} ${ready ? 'is ready' : 'is not ready'}`).join(', ')}`,
      remedy: throughTerraform(
        facts.site,
        driver.driver,
        'give the controller an anti-affinity by host name, keep it off the control plane (controller.runOnControlPlane: false) and pin the version of the chart',
      ),
      doNot:
        'Do not roll the chart back and forth, and do not delete them in a loop: each leaves containers behind that hold the ports.',
      seen: [pods],
    })),
  };
}
