const FACTORS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
  m: 1e-3,
};

/** Bytes of an amount as Kubernetes writes it: `64Mi`, `1.5Gi`, `128974848`, `2e9`. Throws for anything else. */
export function bytesOf(quantity: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)([a-zA-Z]{0,2})$/.exec(quantity) ?? [];
  const factor = FACTORS[unit];
  if (number === undefined || factor === undefined) throw new Error(`not an amount: ${quantity.slice(0, 60)}`);
  return Math.round(Number(number) * factor);
}

/** As people write it in a chart: the largest binary unit in which it is a whole number. */
export function quantityOf(bytes: number): string {
  const unit = ['Ti', 'Gi', 'Mi', 'Ki'].find((each) => bytes % (FACTORS[each] ?? 1) === 0 && bytes > 0);
  return unit === undefined ? `${bytes}` : `${bytes / (FACTORS[unit] ?? 1)}${unit}`;
}
