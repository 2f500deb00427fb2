import { testInterleavings } from './interleavings.ts';

testInterleavings();
