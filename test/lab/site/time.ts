interface Entry {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** The lab's clock. It stands still until somebody advances it, so that the same steps give the same world. */
export class Timeline {
  #nowMs: number;
  #entries: Entry[] = [];
  #count = 0;

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  /** Milliseconds since 1970, in the lab. */
  get nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): void {
    this.#entries.push({ atMs: this.#nowMs + delayMs, order: this.#count++, run });
    this.#entries.sort((a, b) => a.atMs - b.atMs || a.order - b.order);
  }

  every(periodMs: number, run: () => void): void {
    this.after(periodMs, () => {
      run();
      this.every(periodMs, run);
    });
  }

  /** Lets time pass; what was to happen meanwhile happens, in its order. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (let next = this.#entries[0]; next !== undefined && next.atMs <= endMs; next = this.#entries[0]) {
      this.#entries.shift();
      this.#nowMs = next.atMs;
      next.run();
    }
    this.#nowMs = endMs;
  }

  /** Lets time pass by itself, `speed` times as fast as outside. Returns the way to stop it. */
  run(speed = 1): () => void {
    let last = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      this.advance(Math.round((now - last) * speed));
      last = now;
    }, 20);
    timer.unref();
    return () => clearInterval(timer);
  }
}

/** RFC 3339 in UTC without a fraction, as Kubernetes writes it. */
export function timestamp(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** `2026-04-03T09:00:00+0000`, as journalctl's short-iso writes it. */
export function shortIso(ms: number): string {
  return timestamp(ms).replace('Z', '+0000');
}

/** `Fri 2026-04-03 09:00:00 UTC`, as systemctl writes it. */
export function weekdayTime(ms: number): string {
  return `${new Date(ms).toUTCString().slice(0, 3)} ${timestamp(ms).replace('T', ' ').replace('Z', ' UTC')}`;
}

/** `Apr  3 09:00:00`, as syslog writes it. */
export function syslogTime(ms: number): string {
  const [, date, month, , clock] = new Date(ms).toUTCString().split(' ');
  return `${month} ${String(Number(date)).padStart(2)} ${clock}`;
}
