import type { Route } from './define-route.ts';

/** Which methods a path has, for 405 and OPTIONS; and the router's spelling of a template. */
export function createPathTable(routes: readonly Route[]) {
  const byPath = Map.groupBy(routes, (route) => route.spec.path);
  const table = [...byPath].map(([template, ofPath]) => ({
    pattern: new RegExp(
      `^${template
        .split('/')
        .map((part) => (part.startsWith('{') ? '[^/]+' : part.replaceAll('.', '\\.')))
        .join('/')}$`,
    ),
    methods: methodsOf(ofPath),
  }));
  return {
    honoPath: (template: string): string => template.replaceAll(/\{([a-zA-Z]+)\}/g, ':$1'),
    allowed: (path: string): string[] => table.find(({ pattern }) => pattern.test(path))?.methods ?? [],
  };
}

function methodsOf(routes: readonly Route[]): string[] {
  const methods = routes.map((route) => route.spec.method.toUpperCase());
  return [
    ...(methods.includes('GET') ? ['GET', 'HEAD'] : []),
    ...methods.filter((method) => method !== 'GET'),
    'OPTIONS',
  ];
}
