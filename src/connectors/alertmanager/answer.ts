import { z } from 'zod';
import type { Outcome } from '../../core/output.ts';
import { forbidden, loginRefused, notOfService } from '../http-api/failures.ts';
import type { Answer } from '../http-api/server.ts';

export const ALERTMANAGER = { name: 'Alertmanager', section: 'alerts.alertmanager' } as const;

const Json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue('is no JSON');
    return z.NEVER;
  }
});
/** What refuses a request writes a bare text; what refuses its form, a message with a code. */
const Refused = Json.pipe(
  z.union([z.string(), z.object({ code: z.int(), message: z.string() }).transform((each) => each.message)]),
);
const Document = Json.pipe(z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())]));

/** The body as it came, with the date of the server's clock in `stderr`, as `curl --dump-header` writes it; or why there is none. */
export function outcomeOf({ code, body, date }: Answer): Outcome {
  if (code === 401) return loginRefused(ALERTMANAGER);
  if (code === 403) return forbidden(ALERTMANAGER, 'and write /api/v2');
  const isDone = code === 200 && (body === '' || Document.safeParse(body).success);
  if (isDone)
    return { exitCode: 0, stdout: body === '' ? '' : `${body.trimEnd()}\n`, stderr: date === undefined ? '' : `Date: ${date}\n` };
  const refused = Refused.safeParse(body);
  if (code === 200 || !refused.success || refused.data.endsWith(' was not found')) return notOfService(ALERTMANAGER, code);
  return { exitCode: 1, stdout: '', stderr: `${refused.data}\n` };
}
