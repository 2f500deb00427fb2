import type { Diagnosis } from '../../../src/core/finding.ts';
import { notSeen, ok, together } from '../../../src/core/finding.ts';
import type { Code } from '../codes.ts';
import type { DriverFacts, Facts } from '../facts.ts';
import { podsUsing } from '../facts.ts';
import { controllers } from './controllers.ts';
import { memory } from './memory.ts';
import { nodes } from './nodes.ts';
import { refused } from './refused.ts';
import { asNoise } from './unused.ts';

export function diagnose(facts: Facts): Diagnosis<Code> {
  return together(facts.drivers.map((driver) => diagnoseDriver(driver, facts)));
}

function diagnoseDriver(driver: DriverFacts, facts: Facts): Diagnosis<Code> {
  const { pods, daemonSets, deployments, limitRanges, events } = driver;
  const { name, namespace } = driver.driver;
  const unseen = notSeen(`Driver ${name} in ${namespace}`, [pods, daemonSets, deployments, limitRanges, events]);
  if (!pods.known) return { evidence: unseen, findings: [] };
  const around = { facts, driver, pods };
  // One that pods need is missing, whatever its namespace has.
  if (pods.value.length === 0 && podsUsing(name, facts.cluster)?.length === 0)
    return { evidence: [ok(`${name} is not installed: ${namespace} has no pods`, pods), ...unseen], findings: [] };
  const whole = together([nodes(around), refused(around), memory(around), controllers(around)]);
  return asNoise({ evidence: [...whole.evidence, ...unseen], findings: whole.findings }, around);
}
