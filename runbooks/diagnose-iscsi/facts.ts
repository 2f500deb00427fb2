import type { Site } from '../../src/core/site.ts';
import type { IscsiLook } from '../../src/topology/iscsi-look.ts';

export interface Facts {
  readonly site: Site;
  readonly look: IscsiLook;
}
