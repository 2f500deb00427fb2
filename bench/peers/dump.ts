import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

export interface MadeDump {
  readonly path: string;
  readonly rows: number;
  /** Packed, as it lies there. */
  readonly bytes: number;
}

const HEAD = `--
-- PostgreSQL database cluster dump
--

SET default_transaction_read_only = off;
CREATE ROLE big;
ALTER ROLE big WITH NOSUPERUSER INHERIT NOCREATEROLE NOCREATEDB LOGIN NOREPLICATION NOBYPASSRLS;
\\connect template1

--
-- PostgreSQL database dump
--

-- Dumped from database version 15.8
-- Dumped by pg_dump version 15.8

--
-- PostgreSQL database dump complete
--

--
-- Database "big" dump
--

--
-- PostgreSQL database dump
--

-- Dumped from database version 15.8
-- Dumped by pg_dump version 15.8

CREATE DATABASE big WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE_PROVIDER = libc LOCALE = 'C.UTF-8';

ALTER DATABASE big OWNER TO big;

\\connect big

SET statement_timeout = 0;
SET client_encoding = 'UTF8';

CREATE TABLE public.pages (
    id bigint NOT NULL,
    body text
);

ALTER TABLE public.pages OWNER TO big;

COPY public.pages (id, body) FROM stdin;
`;

const TAIL = `\\.

--
-- PostgreSQL database dump complete
--

--
-- PostgreSQL database cluster dump complete
--
`;

const ROW_BYTES = 1_024;

/** Writes a dump of pg_dumpall of one table, of which a quarter cannot be packed. `unpackedBytes` is its size without gzip. */
export async function makeDump(path: string, unpackedBytes: number): Promise<MadeDump> {
  const rows = Math.ceil(unpackedBytes / ROW_BYTES);
  await pipeline(Readable.from(textOf(rows)), createGzip({ level: 1 }), createWriteStream(path));
  return { path, rows, bytes: (await stat(path)).size };
}

function* textOf(rows: number): Generator<string> {
  yield HEAD;
  const filling = 'the same words in each of the pages, as an application writes them; '.repeat(16);
  for (let first = 0; first < rows; first += 64) {
    const lines: string[] = [];
    for (let id = first; id < Math.min(rows, first + 64); id += 1) {
      const start = `${id}\t${randomBytes(192).toString('base64')}`;
      lines.push(`${start}${filling.slice(0, ROW_BYTES - 1 - start.length)}\n`);
    }
    yield lines.join('');
  }
  yield TAIL;
}
