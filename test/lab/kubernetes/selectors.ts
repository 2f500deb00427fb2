import { badRequest } from './errors.ts';
import { at, type KubeObject } from './object.ts';

export interface Selectors {
  readonly fieldSelector?: string | undefined;
  readonly labelSelector?: string | undefined;
}

type Test = (object: KubeObject) => boolean;

export function matcher({ fieldSelector, labelSelector }: Selectors): Test {
  const tests = [...requirements(fieldSelector).map(fieldTest), ...requirements(labelSelector).map(labelTest)];
  return (object) => tests.every((test) => test(object));
}

/** Whether a `selector` of a controller or a budget (matchLabels, matchExpressions) selects the object. */
export function selects(selector: unknown, object: KubeObject): boolean {
  const labels = Object.entries(at(selector, 'matchLabels') ?? {});
  const expressions = at(selector, 'matchExpressions');
  return (
    labels.every(([key, value]) => object.metadata.labels?.[key] === value) &&
    (!Array.isArray(expressions) || expressions.every((expression) => expressionHolds(expression, object)))
  );
}

function expressionHolds(expression: unknown, object: KubeObject): boolean {
  const value = object.metadata.labels?.[String(at(expression, 'key'))];
  const values = at(expression, 'values');
  const listed = Array.isArray(values) && values.includes(value);
  switch (at(expression, 'operator')) {
    case 'In':
      return listed;
    case 'NotIn':
      return !listed;
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      throw badRequest(`"${String(at(expression, 'operator'))}" is not a valid label selector operator`);
  }
}

/** Splits at the commas that are not inside parentheses. */
function requirements(selector: string | undefined): string[] {
  return (selector ?? '')
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

const knownFields = /^(metadata\.(name|namespace)|spec\.(nodeName|unschedulable)|status\.phase|involvedObject\.\w+|reason|type)$/;

function fieldTest(text: string): Test {
  const [, field, operator, wanted] = /^([^=!]+)(==|=|!=)(.*)$/.exec(text) ?? [];
  if (field === undefined) throw badRequest(`invalid selector: '${text}'; can't understand '${text}'`);
  if (!knownFields.test(field)) throw badRequest(`field label not supported: ${field}`);
  return (object) => (String(at(object, ...field.split('.')) ?? '') === wanted) === (operator !== '!=');
}

function labelTest(text: string): Test {
  const [, key, operator, list] = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(text) ?? [];
  if (key !== undefined && list !== undefined) {
    const values = list.split(',').map((value) => value.trim());
    return ({ metadata }) => values.includes(metadata.labels?.[key] ?? '') === (operator === 'in');
  }
  const [, name, sign, value] = /^([^=!\s]+)\s*(==|=|!=)\s*(.*)$/.exec(text) ?? [];
  if (name !== undefined) return ({ metadata }) => (metadata.labels?.[name] === value) === (sign !== '!=');
  const [, not, bare] = /^(!?)([^=!\s]+)$/.exec(text) ?? [];
  if (bare === undefined) throw badRequest(`unable to parse requirement: found '${text}'`);
  return ({ metadata }) => (metadata.labels?.[bare] !== undefined) === (not === '');
}
