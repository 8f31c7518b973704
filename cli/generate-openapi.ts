import { errorReference } from '../api/error-reference.ts';
import { readDocument } from '../api/routes/index.ts';

/** The OpenAPI document as committed: built from the routes' declarations, without any server. */
export const openApiReference = (): string => `${JSON.stringify(readDocument(), null, 2)}\n`;

export { errorReference };
