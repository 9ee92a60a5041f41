// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Test} from "forge-std/Test.sol";
import {Token} from "../src/Token.sol";
import {Vault} from "../src/Vault.sol";

/// Deposits and withdraws at random for a few accounts.
contract Handler is Test {
    Token immutable token;
    Vault immutable vault;
    address[3] accounts = [address(0xa1), address(0xa2), address(0xa3)];
    uint256 public given;

    constructor(Token token_, Vault vault_) {
        token = token_;
        vault = vault_;
    }

    function deposit(uint256 who, uint256 assets) external {
        address account = accounts[who % 3];
        assets = bound(assets, 0, 1e24);
        if (vault.deposited(account) + assets > vault.limit()) return;
        token.mint(account, assets);
        vm.startPrank(account);
        token.approve(address(vault), assets);
        vault.deposit(assets, account);
        vm.stopPrank();
        given += assets;
    }

    function redeem(uint256 who, uint256 shares) external {
        address account = accounts[who % 3];
        shares = bound(shares, 0, vault.balanceOf(account));
        vm.prank(account);
        given -= vault.redeem(shares, account, account);
    }

    function donate(uint256 assets) external {
        assets = bound(assets, 0, 1e20);
        token.mint(address(vault), assets);
        given += assets;
    }
}

contract VaultTest is Test {
    Token token;
    Vault vault;
    Handler handler;

    function setUp() public {
        token = new Token(address(this));
        vault = new Vault(token, 1e26);
        handler = new Handler(token, vault);
        token.grantRole(token.MINTER(), address(handler));
        targetContract(address(handler));
    }

    function test_metadata() public view {
        assertEq(vault.asset(), address(token));
        assertEq(vault.decimals(), 21);
        assertEq(vault.limit(), 1e26);
    }

    function testFuzz_what_goes_in_comes_out(uint96 assets) public {
        vm.assume(assets <= 1e26);
        token.mint(address(this), assets);
        token.approve(address(vault), assets);
        uint256 shares = vault.deposit(assets, address(this));
        assertEq(vault.previewRedeem(shares), assets);
        vault.redeem(shares, address(this), address(this));
        assertEq(token.balanceOf(address(this)), assets);
        assertEq(vault.totalSupply(), 0);
    }

    function test_the_limit_holds() public {
        token.mint(address(this), 2e26);
        token.approve(address(vault), 2e26);
        vm.expectRevert(abi.encodeWithSelector(Vault.OverLimit.selector, address(this), 2e26, 1e26));
        vault.deposit(2e26, address(this));
    }

    function invariant_the_vault_holds_what_was_given() public view {
        assertEq(vault.totalAssets(), handler.given());
        assertLe(vault.convertToAssets(vault.totalSupply()), vault.totalAssets() + 1);
    }
}
