import { LootError } from '../../domain/errors.ts';

/** RFC 9110 content negotiation, as far as one representation per resource needs it. */
export function assertAcceptable(accept: string | undefined, contentType: string): void {
  if (accept === undefined || accept.trim() === '' || contentType === '*/*') return;
  const [type] = contentType.split('/');
  const welcome = new Set(['*/*', `${type}/*`, contentType]);
  const accepted = accept.split(',').some((range) => {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const refused = parameters.some((parameter) => /^q=0(\.0{1,3})?$/.test(parameter));
    return welcome.has(name) && !refused;
  });
  if (!accepted) throw new LootError('not_acceptable', `This resource is served as ${contentType}.`);
}
