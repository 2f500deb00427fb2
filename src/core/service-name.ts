import { z } from 'zod';

/** A name as Kubernetes allows it (a namespace, a workload, a pod), or two with a slash between. */
export const ServiceName = z
  .string('is missing')
  .max(253, 'is longer than any name in Kubernetes')
  .regex(
    /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?(\/[a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$/,
    'is not a Kubernetes name: a-z, 0-9, "-" and "." only',
  );
