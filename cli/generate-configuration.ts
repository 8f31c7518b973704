import { configSchema } from '../platform/config.ts';

type Setting = { name: string; description: string; defaultText: string | undefined };

function settings(): Setting[] {
  return Object.entries(configSchema.shape).map(([name, schema]) => {
    const unset = schema.safeParse(undefined);
    const value: unknown = unset.success ? unset.data : undefined;
    return {
      name,
      description: schema.description ?? '',
      defaultText: value === undefined ? undefined : String(value),
    };
  });
}

export function environmentExample(): string {
  const blocks = settings().map(
    ({ name, description, defaultText }) =>
      `# ${description}\n${defaultText === undefined ? `# ${name}=` : `${name}=${defaultText}`}`,
  );
  return `# Every setting of every process. Made from platform/config.ts by \`npm run generate\`.\n\n${blocks.join('\n\n')}\n`;
}

export function configurationReference(): string {
  const rows = settings().map(
    ({ name, description, defaultText }) =>
      `| \`${name}\` | ${defaultText ? `\`${defaultText}\`` : '–'} | ${description} |`,
  );
  return [
    '# Configuration',
    '',
    'Every process reads its settings from the environment, once, at start, and refuses to start with all problems named.',
    'This page is made from `platform/config.ts` by `npm run generate`.',
    '',
    '| Setting | Default | Meaning |',
    '|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
