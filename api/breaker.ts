import {
  CircuitState,
  SamplingBreaker,
  TimeoutStrategy,
  circuitBreaker,
  handleWhen,
  timeout,
  wrap,
} from 'cockatiel';
import type { Metrics } from '../platform/metrics.ts';

/** Runs a call of one dependency, or refuses at once while that dependency is known to be down. */
export type Breaker = <T>(work: () => Promise<T>, timeoutMs?: number) => Promise<T>;

const callTimeoutMs = 3_000;
const halfOpenAfterMs = 2_000;
const samplingMs = 10_000;
const failureShare = 0.5;
/** 20 calls in the sampled 10 s. */
const callsPerSecondMin = 2;

export function createBreaker(options: {
  target: string;
  metrics: Metrics;
  /** Whether an error says that the dependency is down, rather than that it refused this call. */
  isDown: (error: unknown) => boolean;
  onChange?: (state: 'closed' | 'half-open' | 'open') => void;
}): Breaker {
  const circuit = circuitBreaker(handleWhen(options.isDown), {
    halfOpenAfter: halfOpenAfterMs,
    breaker: new SamplingBreaker({
      threshold: failureShare,
      duration: samplingMs,
      minimumRps: callsPerSecondMin,
    }),
  });
  const gauge = options.metrics.circuitBreakerState;
  gauge.set({ target: options.target }, 0);
  circuit.onStateChange((state) => {
    gauge.set(
      { target: options.target },
      state === CircuitState.Closed ? 0 : state === CircuitState.HalfOpen ? 1 : 2,
    );
    options.onChange?.(
      state === CircuitState.Closed ? 'closed' : state === CircuitState.HalfOpen ? 'half-open' : 'open',
    );
  });
  const usual = wrap(circuit, timeout(callTimeoutMs, TimeoutStrategy.Aggressive));
  return (work, timeoutMs) =>
    (timeoutMs === undefined ? usual : wrap(circuit, timeout(timeoutMs, TimeoutStrategy.Aggressive))).execute(
      work,
    );
}
