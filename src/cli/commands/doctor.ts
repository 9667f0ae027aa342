import type { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { runDoctor } from '../doctor/doctor.ts';
import type { PatientFlags } from '../doctor/patient-of.ts';
import { addExamples } from '../examples.ts';
import { collectArg, integerArg } from '../parsers.ts';

export function registerDoctor(program: Command, context: CliContext): void {
  const { summary, option, argument } = context.text;
  const command = program
    .command('doctor')
    .description(summary.doctor)
    .argument('[port]', argument.port, integerArg(0, 65_535))
    .option('--config <file>', option.configFile)
    .option('--env <name>', option.configEnv)
    .option('--data-dir <folder>', option.dataDir)
    .option('--set <key=value>', option.set, collectArg)
    .option('--connections <n>', option.doctorConnections, integerArg(1))
    .action(async (port: number | undefined, flags: PatientFlags) => await runDoctor(context, { ...flags, port }));
  addExamples(command, context, [
    'doctor',
    'doctor 7001 --config configs/config.yaml --connections 60000',
    'doctor --json',
    'sudo -u yunque yunque doctor',
  ]);
}
