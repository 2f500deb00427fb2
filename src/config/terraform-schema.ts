import { z } from 'zod';
import { AbsolutePath, HostName } from './fields.ts';

/** Each part is a plain name, so that it cannot lead out of the checkout. */
export const StackPath = z
  .string()
  .max(200, 'is longer than any path of a stack')
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_-]*(\/[A-Za-z0-9_][A-Za-z0-9_-]*)*$/, 'must be the path of a stack below the checkout')
  .meta({ example: 'stacks/nfs-csi' });

const DriverName = z
  .string()
  .max(63, 'is longer than the name of any CSI driver')
  .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'must be the name of a CSI driver')
  .meta({ example: 'nfs.csi.k8s.io' });

/** Where the values of CSI drivers are planned and applied. */
export const TerraformSettings = z.strictObject({
  host: HostName.meta({ example: 'devvm' }),
  directory: AbsolutePath.meta({ example: '/srv/infra' }),
  plans: AbsolutePath.regex(/\/storagebot-plans$/, 'must be a directory named storagebot-plans').meta({
    example: '/var/lib/storagebot-plans',
  }),
  stacks: z.record(DriverName, StackPath).meta({ example: { 'nfs.csi.k8s.io': 'stacks/nfs-csi' } }),
});

const Namespace = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be the name of a namespace')
  .meta({ example: 'nfs-csi' });

/** Namespaces of CSI drivers by the drivers' names. */
export const CsiNamespaces = z.record(DriverName, Namespace).meta({ example: { 'nfs.csi.k8s.io': 'kube-system' } });
