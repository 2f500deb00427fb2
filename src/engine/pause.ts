/** The run is waiting for a decision, and must be looked at again by then (milliseconds since 1970, system clock). */
export interface Pause {
  readonly until: number;
}
