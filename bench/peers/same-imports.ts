import 'node:sqlite';
import '@kubernetes/client-node';
import 'node-vault';
import 'ssh2';
import 'zod';
import './bare-bolt.ts';

/** A bare Bolt app that has loaded the libraries by which storagebot reaches its targets, and does nothing with them. */
