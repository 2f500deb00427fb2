import { contract } from '../../test/contract.ts';
import { siteOf } from '../../test/lab/record.ts';
import { cases } from './cases.ts';
import runbook from './index.ts';

contract(runbook, cases, siteOf);
