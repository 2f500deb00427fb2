import type { Scenario } from './scenario.ts';

export const scenario: Scenario = { name: 'all-well', says: 'Nothing is the matter.', prepare: () => undefined };
