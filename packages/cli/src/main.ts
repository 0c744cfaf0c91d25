import { AppError, messageOf } from '@qt/kernel';
import { buildProgram } from './program.ts';

try {
  const program = await buildProgram(process.argv[2]);
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${error instanceof AppError ? error.message : messageOf(error)}\n`);
  process.exitCode = 1;
}
