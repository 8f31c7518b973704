import { Command } from 'commander';
import { benchConsume, fullSize as fullConsume, smallSize as smallConsume } from './consume.ts';
import { benchHttp, fullSize as fullHttp, smallSize as smallHttp } from './http.ts';
import { benchMemory, fullSize as fullMemory, smallSize as smallMemory } from './memory.ts';
import { benchPosting, fullSize as fullPosting, smallSize as smallPosting } from './posting.ts';
import { benchPublish, fullSize as fullPublish, smallSize as smallPublish } from './publish.ts';
import { benchReplay, fullSize as fullReplay, smallSize as smallReplay } from './replay.ts';
import { benchRelay, fullSize as fullRelay, smallSize as smallRelay } from './relay.ts';
import type { Report } from './report.ts';
import { benchSaga, fullSize as fullSaga, smallSize as smallSaga } from './saga.ts';

/** `npm run bench -- <name>`: measures, prints, keeps the result; `--seconds 1` only proves that it runs and validates. */
const benches: Record<string, (small: boolean, rows?: number) => Promise<Report>> = {
  consume: (small) => benchConsume(small ? smallConsume : fullConsume),
  http: (small) => benchHttp(small ? smallHttp : fullHttp),
  memory: (small) => benchMemory(small ? smallMemory : fullMemory),
  posting: (small) => benchPosting(small ? smallPosting : fullPosting),
  publish: (small) => benchPublish(small ? smallPublish : fullPublish),
  replay: (small) => benchReplay(small ? smallReplay : fullReplay),
  relay: (small, rows) => benchRelay({ ...(small ? smallRelay : fullRelay), backlogCount: rows ?? 0 }),
  saga: (small) => benchSaga(small ? smallSaga : fullSaga),
};

function print({ bench, valid, rows, figures }: Report): void {
  console.log(`${bench}: ${valid ? 'valid' : 'NOT VALID: the figures do not count'}`);
  for (const { metric, peer, ratioMedian, ratioMin, ratioMax, goal, met } of rows) {
    console.log(
      `  ${metric} against ${peer}: ${ratioMedian} (${ratioMin} to ${ratioMax}), goal ${goal}: ${met ? 'met' : 'not met'}`,
    );
  }
  for (const [name, value] of Object.entries(figures)) console.log(`  ${name}: ${value}`);
}

const program = new Command('bench')
  .argument('<name>', Object.keys(benches).join(' or '))
  .option('--seconds <count>', 'time per contestant; 1 is the shortest run', '5')
  .option('--rows <count>', 'relay: drain a backlog of so many events as well')
  .action(async (name: string, { seconds, rows }: { seconds: string; rows?: string }) => {
    const bench = benches[name];
    if (!bench) program.error(`there is no bench '${name}'; there are ${Object.keys(benches).join(', ')}`);
    else {
      const report = await bench(Number(seconds) <= 1, rows === undefined ? undefined : Number(rows));
      print(report);
      // a figure that was missed is a fact; a run that lost or repeated something is a failure
      if (!report.valid) process.exitCode = 1;
    }
  });
await program.parseAsync();
