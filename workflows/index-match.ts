/** The stories of task queue `match`; a workflow is registered where it runs and nowhere else. */
export { match } from './match.ts';
