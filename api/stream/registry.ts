/** Streams that stay open until somebody ends them: a server that stops has to. */
export type StreamRegistry = {
  /** Answers how to forget it. */
  add(close: () => void): () => void;
  closeAll(): void;
};

export function createStreamRegistry(): StreamRegistry {
  const open = new Set<() => void>();
  return {
    add(close) {
      open.add(close);
      return () => void open.delete(close);
    },
    closeAll() {
      for (const close of open) close();
    },
  };
}
