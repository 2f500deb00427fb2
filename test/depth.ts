/** `STORAGEBOT_TEST_DEPTH=full`, as CI sets it: suites that sample by themselves then leave nothing out. */
export const isFull = process.env['STORAGEBOT_TEST_DEPTH'] === 'full';
