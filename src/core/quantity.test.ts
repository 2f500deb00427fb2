import { expect, it } from 'vitest';
import { bytesOf, quantityOf } from './quantity.ts';

it.each([
  ['64Mi', 67_108_864],
  ['1.5Gi', 1_610_612_736],
  ['128974848', 128_974_848],
  ['129e6', 129_000_000],
  ['129M', 129_000_000],
  ['128974848000m', 128_974_848],
  ['0', 0],
  ['1E', 1e18],
])('%s is %d bytes', (text, bytes) => {
  expect(bytesOf(text)).toBe(bytes);
});

it.each(['', 'Mi', '64 Mi', '64Mib', '-1Mi', '0x10', '64mi', '1e', 'NaN'])('%j is no amount', (text) => {
  expect(() => bytesOf(text)).toThrow('not an amount');
});

it.each(['64Mi', '1Gi', '1536Mi', '300', '3Ki', '2Ti', '0'])('%s is written as people write it', (text) => {
  expect(quantityOf(bytesOf(text))).toBe(text);
});
