import type { Evidence } from '../../../src/core/finding.ts';
import { bad, isSome, notSeen, ok } from '../../../src/core/finding.ts';
import type { Facts, NodeFacts, NodeRates } from '../facts.ts';
import { isLossy, isQueueing, isQuick, isSlow, ratesOfNodes, waitsForNfs } from '../facts.ts';
import type { Part } from './parts.ts';
import { mb, ms, percent, problem, slowEverywhere } from './parts.ts';

/** Between nodes and server. While the server is slow for all, lost calls and waiting ones are its doing. */
export function diagnoseClients(facts: Facts): Part {
  const evidence = [...facts.nodes.flatMap((node) => nodeEvidence(facts, node)), ...silence(facts)];
  if (slowEverywhere(facts) !== undefined) return { evidence, findings: [] };
  const rates = ratesOfNodes(facts);
  const slow = rates.filter(isSlow);
  const fast = rates.filter(isQuick);
  const loss = lossFindings(facts, rates);
  return {
    evidence,
    findings: [
      ...loss,
      ...rates.filter((each) => isQueueing(each) && !isLossy(each)).map(queueing),
      ...slow.filter((each) => fast.length > slow.length && !isLossy(each)).flatMap((each) => nodeSlow(each, fast)),
    ],
  };
}

function nodeEvidence(facts: Facts, { name, processes, rates, traffic }: NodeFacts): Evidence[] {
  const unseen = notSeen(`Node ${name}`, [processes, traffic, ...(rates === undefined ? [] : [rates])]);
  if (rates === undefined && processes.known) {
    const count = processes.value.filter(waitsForNfs).length;
    const says = `${name}: ${count} ${count === 1 ? 'process waits' : 'processes wait'} in the NFS client. Its statistics were not read: the reader would wait as well`;
    return [bad(says, processes), ...unseen];
  }
  const own = ratesOfNodes(facts).find(({ node }) => node === name);
  if (own !== undefined) return [figures(own), ...unseen];
  return rates?.known
    ? [ok(`${name} called the NAS not once while we looked, and no process waits for it`, rates), ...unseen]
    : unseen;
}

/** A whole cluster that asks its NAS for nothing may rather get nothing: that says nothing about how fast it is. */
function silence(facts: Facts): Evidence[] {
  const mounting = facts.nodes.flatMap(({ rates }) => {
    return rates?.known && rates.value.some(({ server }) => facts.site.nas.nfsAddresses.includes(server)) ? [rates] : [];
  });
  if (!isSome(mounting) || ratesOfNodes(facts).length > 0) return [];
  return [bad('No node got an answer of the NAS while we looked: where calls hang, ask "diagnose nfs"', ...mounting)];
}

function figures(rates: NodeRates): Evidence {
  const { node, seen, ops, kBPerS, rttMs, exeMs, retransPercent } = rates;
  const times = `${ms(rttMs)} there and back, ${ms(exeMs)} with waiting`;
  const says = `${node}: ${Math.round(ops)} calls/s, ${mb(kBPerS)}, ${times}, ${percent(retransPercent)} sent again`;
  const isWell = !isSlow(rates) && !isQueueing(rates) && !isLossy(rates);
  return isWell ? ok(says, seen) : bad(says, seen);
}

function queueing({ node, seen, rttMs, exeMs }: NodeRates) {
  return problem(
    {
      code: 'client-queueing',
      subject: node,
      says: `Calls of ${node} take ${ms(exeMs)}, and the server needs ${ms(rttMs)} of that: the rest they wait on the node`,
      remedy: `Find who asks for so much on ${node} and make it ask for less at once; more slots (sunrpc.tcp_slot_table_entries, NFSv4 max_session_slots) or "nconnect" help only where the server has time left, and only new mounts.`,
      doNot: 'Do not add threads to the server or restart it: it answers quickly.',
    },
    [seen],
  );
}

function lossFindings({ site }: Facts, rates: readonly NodeRates[]) {
  const lossy = rates.filter(isLossy);
  const [first, second] = lossy;
  const about = {
    code: 'network-loss',
    remedy: 'Look at the network between them: drops and errors of the interfaces, the router on the way, the MTU.',
    doNot: 'Do not touch the NAS, its threads or its exports: it answers what reaches it.',
  } as const;
  if (first !== undefined && second !== undefined && lossy.length === rates.length) {
    const says = `Of the calls of ${first.node} ${percent(first.retransPercent)} had to be sent again, of those of ${second.node} ${percent(second.retransPercent)}, and no node is without loss`;
    return [problem({ ...about, subject: site.nas.nfsAddresses[0], says }, [first.seen, second.seen])];
  }
  return lossy.map(({ node, retransPercent, seen }) => {
    const says = `Of the calls of ${node} ${percent(retransPercent)} had to be sent again`;
    return problem({ ...about, subject: node, says }, [seen]);
  });
}

/** Others than it are more: two of them say so. */
function nodeSlow({ node, seen, rttMs }: NodeRates, [fast, other]: readonly NodeRates[]) {
  if (fast === undefined || other === undefined) return [];
  const others = `${ms(fast.rttMs)} for one of ${fast.node}, ${ms(other.rttMs)} for one of ${other.node}`;
  const says = `The server needs ${ms(rttMs)} for a call of ${node}, and ${others}`;
  const remedy = `Look at ${node} and its way to the NAS: its processor, its interface, the router between them.`;
  const doNot = 'Do not touch the NAS: it answers others quickly.';
  return [problem({ code: 'node-slow', subject: node, says, remedy, doNot }, [seen, fast.seen, other.seen])];
}
