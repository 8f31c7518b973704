import { z } from '@hono/zod-openapi';
import { LootError } from '../../../domain/errors.ts';
import { lookAtTopic } from '../../../events/catalogue/own-topics.ts';
import { allTopics, findTopic } from '../../../events/catalogue/topics.ts';
import { findOwnTopic, listOwnTopics } from '../../../store/own-topics/reads.ts';
import { readSubjects } from '../../../store/schemas/reads.ts';
import { operator } from '../../auth/policy.ts';
import { defineRoute } from '../../define-route.ts';
import { eventsOf } from '../../events-of.ts';
import { listName, pageOfRows, readPage } from '../../pages.ts';
import { Cursor, Limit, pageOf } from '../../schemas.ts';
import { topicChangeRoutes } from './change.ts';
import { TopicDetail, TopicParam, TopicView, viewOfKafka, viewOfOurs, viewOfOwn } from './schemas.ts';

const common = {
  method: 'get',
  tag: 'topics',
  auth: operator('events:read'),
  mutation: false,
  limit: 'read',
} as const;

const list = defineRoute(
  {
    ...common,
    path: '/v1/topics',
    operationId: 'listTopics',
    summary: 'Every topic by name: the catalogue’s and those that clients made',
    query: z.strictObject({
      owner: z.string().min(1).max(100).optional(),
      limit: Limit,
      cursor: Cursor,
    }),
    answers: { 200: { description: 'A page', schema: pageOf(TopicView).openapi('Topics') } },
    errors: ['bad_cursor'],
  },
  async ({ deps, query: { owner, ...page } }) => {
    const name = listName('topics', { owner });
    const { after, limit } = await readPage(deps, name, page);
    const [own, subjects] = await Promise.all([listOwnTopics(deps.db), readSubjects(deps.db)]);
    const views = [
      ...allTopics.map((topic) => viewOfOurs(topic, subjects)),
      ...own.map((topic) => viewOfOwn(topic, subjects)),
    ];
    const rows = views
      .filter((view) => (owner === undefined || view.owner === owner) && view.name > (after?.[0] ?? ''))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .slice(0, limit);
    const view = (row: z.output<typeof TopicView>) => row;
    return { status: 200, body: await pageOfRows(deps, name, rows, limit, view, (row) => [row.name]) };
  },
);

const read = defineRoute(
  {
    ...common,
    path: '/v1/topics/{name}',
    operationId: 'readTopic',
    summary: 'One topic: what was agreed, what Kafka has, who reads it and how far behind they are',
    params: TopicParam,
    answers: { 200: { description: 'The topic', schema: TopicDetail } },
  },
  async ({ deps, params: { name } }) => {
    const ours = findTopic(name);
    const [own, subjects] = await Promise.all([findOwnTopic(deps.db, name), readSubjects(deps.db)]);
    const view = ours ? viewOfOurs(ours, subjects) : own && viewOfOwn(own, subjects);
    if (view === undefined) throw new LootError('not_found', `There is no topic ${name}.`);
    const kafka = viewOfKafka(await lookAtTopic(eventsOf(deps).broker, name));
    return { status: 200, body: { ...view, createdAt: own?.createdAt.toISOString() ?? null, kafka } };
  },
);

export const topicRoutes = [list, read, ...topicChangeRoutes];
