import type { Stage } from './stage.ts';
import type { Tour } from './tour.ts';
import type { Transcript } from './transcript.ts';

export interface Play {
  readonly tour: Tour;
  readonly transcript: Transcript;
  readonly stage: Stage;
}

/** A part of the tour: states what must be true; the first statement that is not ends the tour. */
export type Scene = (play: Play) => Promise<void>;
