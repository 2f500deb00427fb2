export const CODES = {
  heard: 'It fires, and no silence keeps it from people for as long as was asked.',
  'nothing-fires': 'No alert with this name and these labels fires.',
  'mutes-watchdog': 'An alert that always fires would be muted: its absence is the only sign that alerting is broken.',
} as const;
export type Code = keyof typeof CODES;
