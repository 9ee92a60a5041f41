// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {Test} from "forge-std/Test.sol";
import {Token} from "../src/Token.sol";

contract TokenTest is Test {
    Token token;
    address alice;
    uint256 aliceKey;
    address bob = makeAddr("bob");

    function setUp() public {
        (alice, aliceKey) = makeAddrAndKey("alice");
        token = new Token(address(this));
        token.mint(alice, 100 ether);
    }

    function test_names_and_supply() public view {
        assertEq(token.name(), "Share");
        assertEq(token.symbol(), "SHR");
        assertEq(token.decimals(), 18);
        assertEq(token.totalSupply(), 100 ether);
    }

    function test_transfer_emits() public {
        vm.expectEmit(true, true, false, true, address(token));
        emit IERC20.Transfer(alice, bob, 3 ether);
        vm.prank(alice);
        assertTrue(token.transfer(bob, 3 ether));
        assertEq(token.balanceOf(bob), 3 ether);
    }

    function test_only_minters_mint() public {
        bytes32 role = token.MINTER();
        vm.expectRevert(
            abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, bob, role)
        );
        vm.prank(bob);
        token.mint(bob, 1);
        token.grantRole(role, bob);
        vm.prank(bob);
        token.mint(bob, 1);
        assertEq(token.balanceOf(bob), 1);
    }

    function test_a_pause_stops_transfers() public {
        token.pause();
        vm.expectRevert(Pausable.EnforcedPause.selector);
        vm.prank(alice);
        token.transfer(bob, 1);
        token.unpause();
        vm.prank(alice);
        token.transfer(bob, 1);
    }

    function test_permit() public {
        uint256 deadline = block.timestamp + 1 days;
        bytes32 digest = permitDigest(alice, bob, 5 ether, deadline);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(aliceKey, digest);
        token.permit(alice, bob, 5 ether, deadline, v, r, s);
        assertEq(token.allowance(alice, bob), 5 ether);
        assertEq(token.nonces(alice), 1);
        vm.prank(bob);
        token.transferFrom(alice, bob, 5 ether);
        assertEq(token.allowance(alice, bob), 0);
    }

    function test_a_permit_ends() public {
        uint256 deadline = block.timestamp + 1 days;
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(aliceKey, permitDigest(alice, bob, 1, deadline));
        vm.warp(deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(ERC20Permit.ERC2612ExpiredSignature.selector, deadline));
        token.permit(alice, bob, 1, deadline, v, r, s);
    }

    function test_votes_follow_delegation() public {
        vm.prank(alice);
        token.delegate(bob);
        assertEq(token.getVotes(bob), 100 ether);
        vm.roll(block.number + 1);
        vm.prank(alice);
        token.transfer(bob, 40 ether);
        assertEq(token.getVotes(bob), 60 ether);
        assertEq(token.getPastVotes(bob, block.number - 1), 100 ether);
    }

    function testFuzz_transfers_keep_the_sum(uint256 amount, address to) public {
        vm.assume(to != address(0) && to != alice);
        uint256 had = token.balanceOf(alice);
        if (amount > had) {
            vm.expectRevert(
                abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, alice, had, amount)
            );
            vm.prank(alice);
            token.transfer(to, amount);
        } else {
            vm.prank(alice);
            token.transfer(to, amount);
            assertEq(token.balanceOf(alice) + token.balanceOf(to), had);
        }
    }

    function permitDigest(address owner, address spender, uint256 value, uint256 deadline)
        internal
        view
        returns (bytes32)
    {
        bytes32 kind =
            keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
        bytes32 body = keccak256(abi.encode(kind, owner, spender, value, token.nonces(owner), deadline));
        return keccak256(abi.encodePacked("\x19\x01", token.DOMAIN_SEPARATOR(), body));
    }
}
