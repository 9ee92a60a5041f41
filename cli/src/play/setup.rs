//! Starts the chain: accounts with native coin, assets with their metadata and first holders, releases.

use super::{PlayError, Player, Recorder, Released, StepError};
use crate::{
    abi::Contract,
    compile::Program,
    scenario::{Asset, Release, SYSTEM, Scenario},
    timeline::Book,
};
use alloy_primitives::{Address, Bytes, U256, keccak256};
use alloy_sol_types::SolCall;
use fusor_chain_lite::{BaseFee, Chain, ChainError, Genesis};
use fusor_vm::{
    account, ledger,
    precompile::ILedger,
    triggers::{USUAL_PRICE, USUAL_RENT},
};

/// How many of a contract's assets are called by its name and their sub id when they have no symbol.
const LABELLED_SUBS: u64 = 16;

/// Derives an account's address from its name.
pub(crate) fn address_of(name: &str) -> Address {
    Address::from_word(keccak256(format!("fusor account {name}")))
}

/// Makes the genesis of a simulation that begins at `time`.
pub(crate) fn genesis(time: u64) -> Genesis {
    Genesis {
        time,
        base_fee: BaseFee::Fixed(USUAL_PRICE),
        trigger_price: USUAL_PRICE,
        trigger_rent: USUAL_RENT,
        ..Genesis::default()
    }
}

pub(super) fn start(scenario: &Scenario, program: &Program) -> Result<Player, PlayError> {
    let mut book = Book::default();
    let mut genesis = genesis(scenario.start);
    for one in &scenario.accounts {
        let address = address_of(&one.name);
        book.names.add_address(&one.name, address);
        genesis = genesis.with_balance(address, one.balance);
    }
    let system = system(&mut book, program);
    let accounts = scenario.accounts.iter().map(|one| address_of(&one.name)).collect();
    let mut player = Player {
        chain: Chain::new(genesis)?,
        book,
        released: Vec::new(),
        system,
        recorder: Recorder::new(accounts),
        label: scenario.title.clone(),
    };
    player.create_assets(&scenario.assets)?;
    player.recorder.skip_to_head(&player.chain);
    Ok(player)
}

/// Makes the system accounts callable by name.
fn system(book: &mut Book, program: &Program) -> Vec<Contract> {
    let addresses = [account::LEDGER, account::USUFRUCT, account::TRIGGERS, account::NESTED];
    let mut found = Vec::new();
    for ((name, interface), address) in SYSTEM.into_iter().zip(addresses) {
        book.names.add_address(name, address);
        if let Some(abi) = program.abi_of(interface) {
            found.push(Contract { name: name.to_string(), address, abi });
        }
    }
    found
}

impl Player {
    /// Has the issuers describe and mint the assets in one block.
    fn create_assets(&mut self, assets: &[Asset]) -> Result<(), PlayError> {
        if assets.is_empty() {
            return Ok(());
        }
        for asset in assets {
            let issuer = address_of(&asset.issuer);
            let id = ledger::asset_id(issuer, asset.sub);
            self.book.names.add_asset(&asset.name, id);
            self.book.add_unit(account::erc20_address(id), &asset.symbol, asset.decimals);
            let (sub, name, symbol) = (asset.sub, asset.title.clone(), asset.symbol.clone());
            let describe = ILedger::describeCall { sub, name, symbol, decimals: asset.decimals, flags: 0 };
            self.submit(issuer, describe.abi_encode());
            for (holder, amount) in &asset.mint {
                let mint = ILedger::amintCall { sub, to: address_of(holder), amount: *amount };
                self.submit(issuer, mint.abi_encode());
            }
        }
        let sealed = self.chain.seal()?;
        if let Some(left) = sealed.left_out.into_iter().next() {
            return Err(ChainError::from(left.reason).into());
        }
        self.check_assets(assets)
    }

    fn submit(&mut self, from: Address, data: Vec<u8>) {
        let tx = self.chain.dev_tx(from, Some(account::LEDGER), U256::ZERO, data.into());
        self.chain.submit(tx);
    }

    /// Checks that every transaction of the setup did what it was for.
    fn check_assets(&mut self, assets: &[Asset]) -> Result<(), PlayError> {
        let mut receipts = self.chain.receipts(self.chain.height()).to_vec().into_iter();
        for asset in assets {
            let own = receipts.by_ref().take(1 + asset.mint.len());
            // A mint that would overflow the supply answers 0; a refused description reverts.
            let failed = own
                .into_iter()
                .find(|one| !one.success || U256::try_from_be_slice(&one.output) == Some(U256::ZERO));
            if let Some(receipt) = failed {
                let error = Box::new(StepError::Reverted(self.reason(&receipt.output).shown));
                return Err(PlayError::Asset { asset: asset.name.clone(), error });
            }
        }
        Ok(())
    }

    /// Compiles nothing, encodes the arguments and releases the contract. A release that fails changes nothing.
    pub(super) fn release(&mut self, release: &Release, program: &Program) -> Result<(), StepError> {
        let artifact = program.find(&release.file, &release.contract)?;
        let abi = program.parse_abi(artifact)?;
        let unplaced = Contract { name: release.name.clone(), address: Address::ZERO, abi };
        let args = unplaced.constructor(&release.args, &self.book.names)?;
        let code: Bytes = [artifact.creation.bytes.as_slice(), &args].concat().into();
        let deployed = match self.chain.deploy(address_of(&release.from), code, release.value) {
            Ok(deployed) => deployed,
            Err(error) => return Err(self.release_error(error, &unplaced)),
        };
        let contract = Contract { address: deployed.address, ..unplaced };
        self.book.names.add_address(&release.name, deployed.address);
        for sub in 0..LABELLED_SUBS {
            let view = account::erc20_address(ledger::asset_id(deployed.address, U256::from(sub)));
            self.book.add_label(view, format!("{}/{sub}", release.name));
        }
        self.released.push(Released { contract, records: artifact.descriptions.clone() });
        self.record_new_blocks();
        Ok(())
    }

    fn release_error(&self, error: ChainError, contract: &Contract) -> StepError {
        let ChainError::Release { reason, output } = &error else { return error.into() };
        if output.is_empty() {
            return StepError::Reverted(reason.clone());
        }
        let shown = crate::abi::reason(output, std::slice::from_ref(contract), &self.book.names).shown;
        StepError::Reverted(shown)
    }
}
