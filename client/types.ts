import type { operations } from './api-types.ts';

type Json<R> = R extends { readonly content: { readonly 'application/json': infer T } } ? T : never;

export type OperationId = keyof operations;

/** What an operation answers when it succeeds, by its `operationId` in the OpenAPI document. */
export type Reply<O extends OperationId> = Json<
  operations[O]['responses'][Extract<keyof operations[O]['responses'], 200 | 201 | 202>]
>;
/** What it takes. */
export type Body<O extends OperationId> = operations[O] extends { readonly requestBody?: infer R }
  ? Json<R>
  : never;

export type Tokens = Reply<'login'>;
