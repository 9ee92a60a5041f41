// Submits, reads and subscribes by viem: viem.mjs ADDRESS KEY PROBE REFUSER INIT-CODE
import assert from 'node:assert/strict';
import { createPublicClient, createWalletClient, http, parseEther, webSocket, pad, toHex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';

const [server, key, probe, refuser, initCode] = process.argv.slice(2);
const chain = {
  id: 1337,
  name: 'Fusor',
  nativeCurrency: { name: 'Fusor', symbol: 'FSN', decimals: 18 },
  rpcUrls: { default: { http: [`http://${server}`] } },
};
const account = privateKeyToAccount(key);
const wallet = createWalletClient({ account, chain, transport: http() });
const batching = createPublicClient({ chain, transport: http(undefined, { batch: true }) });
const live = createPublicClient({ chain, transport: webSocket(`ws://${server}`) });

const word = (n) => pad(toHex(n), { size: 32 }).slice(2);
const input = (selector, ...words) => `0x${selector}${words.map(word).join('')}`;
const [SET, EMIT, TICK] = ['000000a5', '000000a4', '000000b0'];

// What the subscriptions tell.
const heard = { blocks: [], logs: [], pending: [] };
const stop = [
  live.watchBlocks({ onBlock: (block) => heard.blocks.push(block.number), onError: fail }),
  live.watchEvent({ onLogs: (logs) => heard.logs.push(...logs), onError: fail }),
  live.watchPendingTransactions({ onTransactions: (hashes) => heard.pending.push(...hashes), onError: fail }),
];
function fail(error) {
  console.error(error);
  process.exit(1);
}
const until = async (what, holds) => {
  for (let tries = 0; !holds(); tries++) {
    assert(tries < 200, `waiting for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
await new Promise((resolve) => setTimeout(resolve, 500));

const [id, height, balance] = await Promise.all([
  batching.getChainId(),
  batching.getBlockNumber({ cacheTime: 0 }),
  batching.getBalance({ address: account.address }),
]);
assert.equal(id, 1337);
assert(height > 0n && balance > 0n);

// A firing among a block's transactions.
const blocks = await Promise.all(
  [...Array(Number(height) + 1).keys()].map((n) =>
    batching.getBlock({ blockNumber: BigInt(n), includeTransactions: true }),
  ),
);
const firing = blocks.flatMap((block) => block.transactions).find((tx) => tx.typeHex === '0x46');
assert.equal(firing.nonce, 0);
const fired = await batching.getTransactionReceipt({ hash: firing.hash });
assert.equal(fired.status, 'success');

const to = '0x0000000000000000000000000000000000006666';
const hash = await wallet.sendTransaction({ to, value: parseEther('1') });
const receipt = await batching.waitForTransactionReceipt({ hash });
assert.equal(receipt.status, 'success');
assert.equal(receipt.gasUsed, 21000n);
assert.equal(await batching.getBalance({ address: to }), parseEther('1'));
assert.equal((await batching.getTransaction({ hash })).type, 'eip1559');

const deployed = await batching.waitForTransactionReceipt({
  hash: await wallet.deployContract({ abi: [], bytecode: initCode }),
});
const contract = deployed.contractAddress;
assert((await batching.getCode({ address: contract })).length > 100);
for (const data of [input(SET, 5, 77), input(EMIT, 3, 4)]) {
  await batching.waitForTransactionReceipt({ hash: await wallet.sendTransaction({ to: contract, data }) });
}
assert.equal(await batching.getStorageAt({ address: contract, slot: '0x5' }), `0x${word(77)}`);
const logs = await batching.getLogs({ address: contract, fromBlock: 0n });
assert.equal(logs.length, 1);
assert.equal(logs[0].topics[0], `0x${word(3)}`);
assert((await batching.estimateGas({ account, to: contract, data: input(TICK) })) > 21000n);
await batching.call({ to: probe, data: input(TICK) });
await assert.rejects(batching.call({ to: refuser }), /execution reverted/i);
const history = await batching.getFeeHistory({ blockCount: 2, rewardPercentiles: [50] });
assert.equal(history.reward.length, 2);
assert((await batching.getGasPrice()) > 0n);
assert.equal(await batching.getTransactionCount({ address: account.address, blockTag: 'pending' }), 5);
await assert.rejects(
  wallet.sendTransaction({ to, value: parseEther('1'), nonce: 0 }),
  /nonce.*too low|lower than/is,
);
const filter = await batching.createBlockFilter();
await batching.waitForTransactionReceipt({ hash: await wallet.sendTransaction({ to, value: 1n }) });
assert.equal((await batching.getFilterChanges({ filter })).length, 1);

await until('blocks', () => heard.blocks.length >= 5);
await until('logs', () => heard.logs.some((log) => log.address === contract.toLowerCase()));
await until('pending transactions', () => heard.pending.includes(hash));
stop.forEach((end) => end());
console.log('all done');
process.exit(0);
