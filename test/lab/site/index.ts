/** The simulated site: a world, its programs, and the two ways to reach them. */
export { labSite } from './config-text.ts';
export { type LabSite, type LabSiteOptions, startLab, worldOf } from './lab.ts';
export { type LabTargetsOptions, labTargets, WriteWhileReading } from './targets.ts';
export { newWorld, type World, type WorldOptions } from './world.ts';
