import type { Diagnosis, Evidence } from '../../../src/core/finding.ts';
import { bad } from '../../../src/core/finding.ts';
import type { Code } from '../codes.ts';
import type { Facts } from '../facts.ts';
import { diagnoseClients } from './clients.ts';
import { figures } from './figures.ts';
import { diagnoseHosts } from './host.ts';
import { saysSlow, slowEverywhere } from './parts.ts';
import { diagnoseServer } from './server.ts';

export function diagnose(facts: Facts): Diagnosis<Code> {
  const clients = diagnoseClients(facts);
  const server = diagnoseServer(facts);
  return {
    evidence: [...clients.evidence, ...figures(facts), ...unexplained(facts, server.length)],
    findings: [...server, ...clients.findings, ...diagnoseHosts(facts)],
  };
}

function unexplained(facts: Facts, causes: number): Evidence[] {
  const slow = slowEverywhere(facts);
  if (slow === undefined || causes > 0) return [];
  const says = `It is the server that is slow (${saysSlow(slow)}), and none of the causes that are known here could be seen`;
  return [bad(says, slow[0].seen, slow[1].seen)];
}
