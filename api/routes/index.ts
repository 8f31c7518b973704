import type { Route } from '../define-route.ts';
import { openApiDocument } from '../openapi.ts';
import { authRoutes } from './auth/route.ts';
import { docsRoutes } from './docs/route.ts';
import { healthRoutes } from './health/route.ts';
import { meRoutes } from './me/route.ts';

/** What the OpenAPI document describes. */
export const publishedRoutes: readonly Route[] = [...authRoutes, ...meRoutes, ...healthRoutes];

let document: unknown;
export const readDocument = (): unknown => (document ??= openApiDocument(publishedRoutes));

export const allRoutes: readonly Route[] = [...publishedRoutes, ...docsRoutes(readDocument)];
