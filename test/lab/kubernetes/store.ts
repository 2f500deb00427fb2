import { outcomeOf } from '../../../src/connectors/kubernetes/answer.ts';
import type { KubernetesRequest } from '../../../src/core/kubernetes.ts';
import { httpRequest, isReading } from '../../../src/core/kubernetes.ts';
import type { Outcome } from '../../../src/core/output.ts';
import type { Identity } from './access.ts';
import { answer } from './api.ts';
import { Objects } from './objects.ts';

export type { Change, KubeObject, NewObject } from './object.ts';
export { at } from './object.ts';
export type { DeleteOptions, ObjectsOptions } from './objects.ts';

/** A cluster's objects, and the API server over them without its network. */
export class ObjectStore extends Objects {
  /** What the connector would get from a server over this store, byte for byte. Everything is allowed unless told who asks. */
  handle(request: KubernetesRequest, identity?: Identity): Outcome {
    const { code, body } = answer(this, httpRequest(request), identity === undefined ? {} : { identity });
    return outcomeOf({ code, body }, isReading(request) ? 'read' : 'change', request.verb === 'logs' ? 'text' : 'json');
  }
}
