/** The stories of task queue `events`; a workflow is registered where it runs and nowhere else. */
export { eventReplay } from './event-replay.ts';
export { redrive } from './redrive.ts';
export { webhookDelivery } from './webhook-delivery.ts';
