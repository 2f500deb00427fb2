/** What each recorded situation must lead to: cause and exact commands. Scenarios are those of the simulated site. */
export const cases = [
  {
    scenario: 'alerts-silenced',
    words: ['PVFillingUp'],
    verdict: 'ill',
    findings: ['silenced operator (storagebot-3f2a9c81d0-1)'],
    changes: [
      'alertmanager$ sh -c \'author="$1"; shift; amtool --alertmanager.url=http://localhost:9093 silence query --quiet --created-by="$author" "$@" | xargs amtool --alertmanager.url=http://localhost:9093 silence expire\' expire \'operator (storagebot-3f2a9c81d0-1)\' \'alertname="PVFillingUp"\'',
    ],
  },
  {
    scenario: 'alerts-silenced-together',
    words: ['PVFillingUp', 'and', 'MySQLDown'],
    verdict: 'ill',
    findings: ['silenced operator (storagebot-3f2a9c81d0-1)', 'silenced operator (storagebot-3f2a9c81d0-1)'],
    changes: [
      'alertmanager$ sh -c \'author="$1"; shift; amtool --alertmanager.url=http://localhost:9093 silence query --quiet --created-by="$author" "$@" | xargs amtool --alertmanager.url=http://localhost:9093 silence expire\' expire \'operator (storagebot-3f2a9c81d0-1)\' \'alertname="PVFillingUp"\' && sh -c \'author="$1"; shift; amtool --alertmanager.url=http://localhost:9093 silence query --quiet --created-by="$author" "$@" | xargs amtool --alertmanager.url=http://localhost:9093 silence expire\' expire \'operator (storagebot-3f2a9c81d0-1)\' \'alertname="MySQLDown"\'',
    ],
  },
  {
    scenario: 'alerts-silenced-together',
    name: 'bot-without-a-run',
    words: ['RedisDown'],
    verdict: 'ill',
    findings: ['of-others admin (storagebot)'],
    changes: [],
  },
  {
    scenario: 'alerts-silenced',
    name: 'other-labels',
    words: ['PVFillingUp', 'namespace=ebooks'],
    verdict: 'well',
    findings: [],
    changes: [],
  },
  {
    scenario: 'alerts-silenced-by-others',
    words: ['PVFillingUp'],
    verdict: 'ill',
    findings: ['of-others admin'],
    changes: [],
  },
  {
    scenario: 'alertmanager-down',
    words: ['PVFillingUp'],
    verdict: 'blind',
    findings: [],
    changes: [],
  },
] as const;
