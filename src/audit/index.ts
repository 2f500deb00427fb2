export { type Anchors, type AnchorsParts, createAnchors } from './anchors.ts';
export type { Head } from './chain.ts';
export type { Audit, AuditEvent } from './event.ts';
export { openAuditKey } from './key.ts';
export { lookedEvent } from './looked.ts';
export { createMirror, type Mirror } from './mirror.ts';
export { type AuditTrail, AuditUnusable, createAuditTrail } from './trail.ts';
