export interface Finding {
  readonly name: string;
  /** `missing` fails the doctor; `note` is worth knowing and fails nothing. */
  readonly state: 'ok' | 'note' | 'missing';
  readonly detail: string;
  /** The exact command that repairs it. */
  readonly fix?: string;
}

export interface Check {
  readonly title: string;
  run(): Promise<readonly Finding[]>;
}
