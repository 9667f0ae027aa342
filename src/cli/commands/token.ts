import { type Command, Option } from 'commander';
import type { ConfigFlags } from '../../config/flags.ts';
import type { CliContext } from '../context.ts';
import { addExamples, addGroup } from '../examples.ts';
import { collectArg, durationArg } from '../parsers.ts';
import type { MintFlags } from '../token/mint.ts';

export function registerToken(program: Command, context: CliContext): void {
  const { summary, option, argument } = context.text;
  const group = addGroup(program, context, 'token');
  group
    .command('mint')
    .description(summary['token mint'])
    .requiredOption('--uid <uid>', option.tokenUid)
    .option('--device <id>', option.tokenDevice)
    .addOption(new Option('--ttl <duration>', option.tokenTtl).argParser(durationArg).default(3_600_000, '1h'))
    .option('--secret-file <file>', option.tokenSecretFile)
    .option('--private-key-file <file>', option.tokenPrivateKeyFile)
    .addOption(new Option('--alg <name>', option.tokenAlg).choices(['HS256', 'RS256', 'ES256']))
    .option('--issuer <text>', option.tokenIssuer)
    .option('--audience <text>', option.tokenAudience)
    .option('--kid <text>', option.tokenKid)
    .action(async (flags: MintFlags) => {
      const { runMint } = await import('../token/mint.ts');
      await runMint(context, flags);
    });
  group
    .command('check')
    .description(summary['token check'])
    .argument('[token]', argument.token)
    .option('--config <file>', option.configFile)
    .option('--env <name>', option.configEnv)
    .option('--set <key=value>', option.set, collectArg)
    .action(async (token: string | undefined, flags: ConfigFlags) => {
      const { runCheck } = await import('../token/check.ts');
      await runCheck(context, token, flags);
    });
  addExamples(group, context, [
    'token mint --uid alice -S shop --ttl 15m --secret-file token.secret',
    'token mint --uid alice --private-key-file key.pem --issuer https://example.com --kid 2026-1',
    'yunque token mint --uid alice --secret-file token.secret | yunque token check -',
    'token check @token.txt -S shop --config configs/config.yaml',
  ]);
}
