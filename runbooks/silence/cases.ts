/** What each recorded situation must lead to: cause and exact commands. Scenarios are those of the simulated site. */
export const cases = [
  {
    scenario: 'alerts-fire',
    words: ['PVFillingUp', 'for', '4h', 'because', 'a', 'larger', 'disk', 'is', 'ordered'],
    verdict: 'ill',
    findings: ['heard PVFillingUp'],
    changes: [
      "alertmanager$ amtool --alertmanager.url=http://localhost:9093 silence add --author=storagebot --duration=14400s '--comment=a larger disk is ordered' 'alertname=\"PVFillingUp\"'",
    ],
  },
  {
    scenario: 'alerts-fire',
    name: 'one-of-two',
    words: ['PVFillingUp', 'persistentvolumeclaim=novelapp-data', 'until', 'resolved'],
    verdict: 'ill',
    findings: ['heard PVFillingUp of persistentvolumeclaim=novelapp-data'],
    changes: [
      "alertmanager$ amtool --alertmanager.url=http://localhost:9093 silence add --author=storagebot --duration=86400s '--comment=No reason was given (until none of it fires)' 'alertname=\"PVFillingUp\"' 'persistentvolumeclaim=\"novelapp-data\"'",
    ],
  },
  {
    scenario: 'alerts-fire',
    name: 'several-names',
    words: ['NFSServerUnresponsive,MySQLDown', 'severity=critical', 'for', '30m'],
    verdict: 'ill',
    findings: ['heard NFSServerUnresponsive, MySQLDown of severity=critical'],
    changes: [
      "alertmanager$ amtool --alertmanager.url=http://localhost:9093 silence add --author=storagebot --duration=1800s '--comment=No reason was given' 'alertname=~\"MySQLDown|NFSServerUnresponsive\"' 'severity=\"critical\"'",
    ],
  },
  {
    scenario: 'alerts-fire',
    name: 'two-silences',
    words: ['PVFillingUp', 'persistentvolumeclaim=novelapp-data,calibre-books', 'and', 'MySQLDown', 'for', '1h'],
    verdict: 'ill',
    findings: ['heard PVFillingUp of persistentvolumeclaim=novelapp-data,calibre-books, and MySQLDown'],
    changes: [
      "alertmanager$ amtool --alertmanager.url=http://localhost:9093 silence add --author=storagebot --duration=3600s '--comment=No reason was given' 'alertname=\"PVFillingUp\"' 'persistentvolumeclaim=~\"calibre-books|novelapp-data\"' && amtool --alertmanager.url=http://localhost:9093 silence add --author=storagebot --duration=3600s '--comment=No reason was given' 'alertname=\"MySQLDown\"'",
    ],
  },
  {
    scenario: 'alerts-silenced',
    name: 'one-is-silenced',
    words: ['PVFillingUp', 'and', 'MySQLDown', 'for', '4h'],
    verdict: 'ill',
    findings: ['heard PVFillingUp, and MySQLDown'],
    changes: [
      "alertmanager$ amtool --alertmanager.url=http://localhost:9093 silence add --author=storagebot --duration=14400s '--comment=No reason was given' 'alertname=\"MySQLDown\"'",
    ],
  },
  {
    scenario: 'all-well',
    words: ['PVFillingUp', 'for', '1h'],
    verdict: 'ill',
    findings: ['nothing-fires PVFillingUp'],
    changes: [],
  },
  {
    scenario: 'alerts-fire',
    name: 'misspelt',
    words: ['PVFilingUp', 'for', '1h'],
    verdict: 'ill',
    findings: ['nothing-fires PVFilingUp'],
    changes: [],
  },
  {
    scenario: 'alerts-fire',
    name: 'watchdog',
    words: ['PVFillingUp,Watchdog', 'for', '1h'],
    verdict: 'ill',
    findings: ['mutes-watchdog Watchdog'],
    changes: [],
  },
  {
    scenario: 'alerts-fire',
    name: 'watchdog-is-silent',
    words: ['PVFillingUp', 'and', 'DeadMansSwitch', 'for', '1h'],
    verdict: 'ill',
    findings: ['mutes-watchdog DeadMansSwitch'],
    changes: [],
  },
  {
    scenario: 'alerts-silenced',
    words: ['PVFillingUp', 'for', '4h'],
    verdict: 'well',
    findings: [],
    changes: [],
  },
  {
    scenario: 'alerts-silenced-shortly',
    words: ['PVFillingUp', 'for', '4h'],
    verdict: 'ill',
    findings: ['heard PVFillingUp'],
    changes: [
      "alertmanager$ amtool --alertmanager.url=http://localhost:9093 silence add --author=storagebot --duration=14400s '--comment=No reason was given' 'alertname=\"PVFillingUp\"'",
    ],
  },
  {
    scenario: 'alertmanager-down',
    words: ['PVFillingUp', 'for', '4h'],
    verdict: 'blind',
    findings: [],
    changes: [],
  },
] as const;
