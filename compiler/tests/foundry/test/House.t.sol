// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {Test} from "forge-std/Test.sol";
import {Box} from "../src/Box.sol";
import {House} from "../src/House.sol";
import {Token} from "../src/Token.sol";

contract HouseTest is Test {
    Token token;
    TimelockController timelock;
    House house;
    Box box;
    address alice = makeAddr("alice");
    address bob = makeAddr("bob");

    address[] to;
    uint256[] values;
    bytes[] data;

    function setUp() public {
        token = new Token(address(this));
        timelock = new TimelockController(2 days, new address[](0), new address[](1), address(this));
        house = new House(token, timelock);
        timelock.grantRole(timelock.PROPOSER_ROLE(), address(house));
        box = new Box();
        for (uint256 i = 0; i < 2; i++) {
            address who = i == 0 ? alice : bob;
            token.mint(who, (i + 1) * 30 ether);
            vm.prank(who);
            token.delegate(who);
        }
        vm.roll(block.number + 1);
        to.push(address(box));
        values.push(0);
        data.push(abi.encodeCall(Box.store, (7)));
    }

    function propose() internal returns (uint256 id) {
        vm.prank(alice);
        id = house.propose(to, values, data, "store 7");
        vm.roll(block.number + house.votingDelay() + 1);
    }

    function test_a_decision_is_carried_out_after_the_delay() public {
        uint256 id = propose();
        vm.prank(bob);
        house.castVoteWithReason(id, 1, "good");
        vm.prank(alice);
        house.castVote(id, 0);
        vm.roll(block.number + house.votingPeriod() + 1);
        assertEq(uint8(house.state(id)), uint8(IGovernor.ProposalState.Succeeded));
        bytes32 text = keccak256("store 7");
        house.queue(to, values, data, text);
        vm.expectRevert();
        house.execute(to, values, data, text);
        vm.warp(block.timestamp + 2 days + 1);
        vm.expectEmit(address(box));
        emit Box.Stored(address(timelock), 7);
        house.execute(to, values, data, text);
        assertEq(box.value(), 7);
        (uint256 against, uint256 inFavour,) = house.proposalVotes(id);
        assertEq(against, 30 ether);
        assertEq(inFavour, 60 ether);
    }

    function test_without_a_majority_it_fails() public {
        uint256 id = propose();
        vm.prank(bob);
        house.castVote(id, 0);
        vm.roll(block.number + house.votingPeriod() + 1);
        assertEq(uint8(house.state(id)), uint8(IGovernor.ProposalState.Defeated));
    }

    function test_nobody_votes_twice() public {
        uint256 id = propose();
        vm.startPrank(bob);
        house.castVote(id, 1);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorAlreadyCastVote.selector, bob));
        house.castVote(id, 1);
        vm.stopPrank();
    }
}
