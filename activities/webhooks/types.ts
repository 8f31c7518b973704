/** What the `webhookDelivery` story asks for; seen by the workflow as types alone. */
export type WebhookActivities = {
  /** Sends what waits, in order, until there is nothing more, something fails, or a burst's time is over. */
  deliverWaiting(input: { subscriptionId: string }): Promise<DeliverReply>;
};

export type DeliverReply = {
  /** Messages of this burst that arrived. */
  deliveredCount: number;
  /** Messages of this burst that were given up. */
  givenUpCount: number;
  /** The burst's last failure, in one line. */
  failure: string | null;
  /** To whom, for the Web UI: host of the URL, or the topic; null when the subscription is gone. */
  receiver: string | null;
  next:
    | { status: 'more' | 'idle' | 'paused' | 'gone' }
    | { status: 'disabled'; reason: string }
    | { status: 'wait'; why: 'retry' | 'rate' | 'batch'; waitMs: number };
};
