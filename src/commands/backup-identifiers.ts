/** A name as pg_dump writes it. */
export const IDENTIFIER = '(?:"(?:[^"]|"")*"|[^" ;,]+)';

/** As it is called, without its quotes. */
export function parseIdentifier(quoted: string): string {
  return quoted.startsWith('"') ? quoted.slice(1, -1).replaceAll('""', '"') : quoted;
}

/**
 * The roles in a part of a statement: `TO reader WITH GRANT OPTION GRANTED BY shop`, `FROM PUBLIC`, `ROLE reader`, `TO reader, writer`. PUBLIC
 * is none, and those that every server has (pg_monitor) are nobody's to make.
 */
export function parseRoles(part: string): readonly string[] {
  const names = `${IDENTIFIER}(?:, ${IDENTIFIER})*`;
  const form = new RegExp(
    `^(?:TO|FROM|ROLE|FOR|AUTHORIZATION) (${names})(?: WITH GRANT OPTION)?(?: GRANTED BY (${IDENTIFIER}))?$`,
  );
  const [, all, grantor] = form.exec(part) ?? [];
  if (all === undefined) throw new Error(`not the roles of a statement: ${part}`);
  const found = [...all.matchAll(new RegExp(IDENTIFIER, 'g'))].map(([name]) => name);
  const named = [...found, ...(grantor === undefined ? [] : [grantor])].filter((name) => name !== 'PUBLIC').map(parseIdentifier);
  return named.filter((name) => !name.startsWith('pg_'));
}
