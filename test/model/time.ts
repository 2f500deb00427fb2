/** One time for everything: the bot's clock, and the two clocks of the process that code under test asks by itself. */
export function createTime() {
  const real = { date: Date.now, performance: performance.now };
  let now = 1_800_000_000_000;
  let seq = 0;
  return {
    now: () => now,
    pass: (ms: number) => void (now += ms),
    /** Orders events within one millisecond. */
    next: () => (seq += 1),
    install() {
      Date.now = () => now;
      performance.now = () => now;
    },
    remove() {
      Date.now = real.date;
      performance.now = real.performance;
    },
  };
}

export type Time = ReturnType<typeof createTime>;
