#!/usr/bin/env node
import { runbooks } from '../runbooks/index.ts';
import { main } from './cli/main.ts';
import { systemTerminal } from './cli/terminal.ts';

process.exitCode = await main(process.argv.slice(2), { terminal: systemTerminal(), runbooks, env: process.env });
