/**
 * The tables that pg_dump writes a COPY for, with as many rows as it has: one query, in the quotes that SQL has. Of an extension's table
 * that is those that are no part of the extension itself, where the extension says which (pg_extension_config_dump), and none otherwise.
 */
export const TABLE_COUNTS = [
  "SELECT c.oid, format('%I.%I', n.nspname, c.relname) AS name,",
  "(xpath('/row/n/text()', query_to_xml(format('SELECT count(*) AS n FROM ONLY %I.%I %s', n.nspname, c.relname, e.condition), true, true, '')))[1]::text::bigint AS rows",
  'FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN',
  '(SELECT extconfig[i] AS oid, extcondition[i] AS condition FROM pg_extension, generate_subscripts(extconfig, 1) i) e ON e.oid = c.oid',
  "WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'",
  "AND (e.oid IS NOT NULL OR NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'))",
].join(' ');
